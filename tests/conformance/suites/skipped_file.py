"""a file that is skipped as a whole | skipped | collect"""

import pytest

pytest.skip("not for us", allow_module_level=True)
