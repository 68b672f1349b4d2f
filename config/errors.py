"""What can go wrong with configuration.

ConfigError     a setting, a file or an option that cannot be used (exit code 2)
"""

from __future__ import annotations


class ConfigError(Exception):
    """One line that names the file, the field and the remedy."""
