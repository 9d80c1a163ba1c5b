"""a file that cannot be imported | error | collect"""

import no_module_of_this_name


def test_unknown(): ...
