from __future__ import annotations


def test_the_version_of_a_tool_is_known_by_what_would_be_executed(memory):
    assert memory.tools.version(b"digest") is None
    memory.database.write(lambda: memory.tools.learn(b"digest", "1.0"))
    memory.database.write(lambda: memory.tools.learn(b"other", "2.0"))
    assert memory.tools.version(b"digest") == "1.0"
    memory.database.write(lambda: memory.tools.learn(b"digest", "1.1"))
    assert (memory.tools.version(b"digest"), memory.tools.version(b"other")) == ("1.1", "2.0")
