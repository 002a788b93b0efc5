# SPDX-License-Identifier: Apache-2.0
"""Superset's engine specs and SQL parser without the application around them, whose packages fill most of a gigabyte.

Real are the modules that lie in the folder: engine specs, parser, errors. What they import beyond that, and what is not installed, is a stand-in
that does nothing: it can be called, inherited from, and asked for anything.
"""

import importlib.abc
import importlib.machinery
import sys
import types

STOOD_IN = ("superset", "flask", "flask_appbuilder", "flask_babel", "pandas", "requests", "apispec", "marshmallow", "deprecation", "jinja2", "numpy")


class AnyClass(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return AnyClass(name, (Anything,), {})

    def __getitem__(cls, key):
        return None


class Anything(metaclass=AnyClass):
    def __init__(self, *arguments, **keywords):
        pass

    def __call__(self, *arguments, **keywords):
        """As a decorator: what it decorates."""
        return arguments[0] if arguments else self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class StandIn(types.ModuleType):
    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("gettext", "lazy_gettext"):
            return str
        return AnyClass(name, (Anything,), {})


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Asked last: only for what nobody else has found."""

    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name.split(".")[0] in STOOD_IN else None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


def install(folder):
    """Makes `import superset` find the modules in this folder, and stand-ins for the rest."""
    sys.meta_path.append(Finder())
    for name in ("superset", "superset.utils"):
        module = sys.modules[name] = StandIn(name)
        module.__path__ = [str(folder) + name.removeprefix("superset").replace(".", "/")]
