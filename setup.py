"""What pyproject.toml cannot say: translations are compiled whenever the program is built.

The repository holds catalogues that people read (.po); gettext reads the compiled ones (.mo).
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithTranslations(build_py):
    """Writes each compiled catalogue beside its source, for a wheel and for an editable install."""

    def run(self) -> None:
        """Compiles, then builds."""
        for source in Path("app/locale").rglob("*.po"):
            with source.open("rb") as po, source.with_suffix(".mo").open("wb") as mo:
                write_mo(mo, read_po(po, locale=source.parts[-3]))
        super().run()


setup(cmdclass={"build_py": BuildWithTranslations})
