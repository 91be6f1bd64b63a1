"""Archives: `NpzFile`."""

import io
import os
from collections.abc import Mapping

import numpy as np

from . import _core, _load, _map, _numpy
from .errors import UnsupportedError


def _identity(stat):
    """What tells a file from another, or from what it was."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


class _Attributes:
    """The members of an archive as attributes: ``npz.f.x``."""

    def __init__(self, archive):
        # A cycle would keep the file open until the garbage collector runs.
        import weakref

        self._archive = weakref.proxy(archive)

    def __getattribute__(self, name):
        try:
            return object.__getattribute__(self, "_archive")[name]
        except KeyError:
            raise AttributeError(name) from None

    def __dir__(self):
        return list(object.__getattribute__(self, "_archive").keys())


class NpzFile(Mapping):
    """An open ``.npz``: a mapping from names to arrays, which are read when they are asked for.

    `load` makes it. It is a context manager, and closes itself when nothing refers to it.

    Attributes
    ----------
    files : list of str
        The names of the members, without ``.npy``.
    f : object
        The members as attributes.
    """

    _MAX_REPR_ARRAY_COUNT = 5
    _archive = None
    _zip = None
    _zip_file = None
    _is_writable = False
    fid = None

    def __init__(self, archive, file, is_path, stat, options):
        self._archive = archive
        self._names = {}
        names = archive.names()
        self.files = [name.removesuffix(".npy") for name in names]
        self._names.update(zip(self.files, names))
        self._names.update(zip(names, names))
        self._file = file
        self._path = file if is_path else None
        # Of a file that is opened again later: it has to be the same, also in another working directory.
        self._absolute = os.path.abspath(file) if stat is not None else None
        self._identity = _identity(stat) if stat is not None else None
        self.allow_pickle = options["allow_pickle"]
        self.max_header_size = options["max_header_size"]
        self.pickle_kwargs = {"encoding": options["encoding"], "fix_imports": options["fix_imports"]}
        self.f = _Attributes(self)

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.close()

    def __del__(self):
        self.close()

    def close(self):
        """Closes the archive; a file object that was passed to `load` stays open."""
        if self._archive is not None:
            self._archive.close()
        if self._zip is not None:
            self._zip.close()
        if self._zip_file is not None:
            self._zip_file.close()
        self.f = None

    def _reopen(self, mode):
        """The file that is open here, by its path: not one that has replaced it."""
        file = open(self._absolute, mode)
        found = _identity(os.fstat(file.fileno()))
        # A map that is written to changes the time.
        count = 3 if self._is_writable else 4
        if found[:count] != self._identity[:count]:
            file.close()
            raise ValueError(f"{self._absolute} is not the file any more that was loaded: load it again")
        return file

    @property
    def zip(self):
        """The archive as a ``zipfile.ZipFile``, which is opened when it is first asked for."""
        if self._zip is None:
            import zipfile

            if self._absolute is not None:
                self._zip_file = self._reopen("rb")
            self._zip = zipfile.ZipFile(self._zip_file or self._file)
        return self._zip

    def __iter__(self):
        return iter(self.files)

    def __len__(self):
        return len(self.files)

    def __contains__(self, key):
        return key in self._names

    def _name(self, key):
        try:
            return self._names[key]
        except KeyError:
            raise KeyError(f"{key} is not a file in the archive") from None

    def __getitem__(self, key):
        name = self._name(key)
        value = self._archive.read(name, self.allow_pickle)
        if value is not None:
            _core.count("NpzFile")
            return value
        _core.count_numpy("NpzFile")
        return _numpy.read_array(
            io.BytesIO(self._archive.read_bytes(name)),
            allow_pickle=True,
            pickle_kwargs=self.pickle_kwargs,
        )

    def load_all(self):
        """All arrays, read by several threads: a dict. Members that are not arrays are left out."""
        _core.count("NpzFile")
        try:
            return self._archive.read_all()
        except UnsupportedError:
            # Objects are among them.
            arrays = {name: self[name] for name in self.files}
            return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}

    def header(self, name):
        """The `Header` of a member, without its data."""
        return _load.Header(*self._archive.header(self._name(name)))

    def mmap(self, name, mode="r"):
        """A member that is stored (`savez` stores) as a ``numpy.memmap`` of the archive; nothing is read.

        Its checksum is not compared. Modes are ``"r"``, ``"c"`` and ``"r+"``, which makes the checksum wrong if
        something is written.
        """
        if self._absolute is None:
            raise ValueError("only an archive that was loaded by its path can be mapped")
        if mode not in ("r", "c", "r+"):
            raise ValueError(f"mode must be one of 'r', 'r+' and 'c' (got {mode!r})")
        header = self.header(name)
        with self._reopen("r+b" if mode == "r+" else "rb") as file:
            self._is_writable |= mode == "r+"
            return _map.mapped(file, header, mode)

    def load_slice(self, name, idx):
        """``npz[name][idx]``; of a stored member, little else is read."""
        return self._archive.load_slice(self._name(name), idx)

    def verify(self):
        """What is wrong with the members, and what is unusual: a list of `Issue`. All are read to their ends."""
        return [_load.Issue(*issue) for issue in self._archive.verify()]

    def __repr__(self):
        name = self._path if self._path is not None else getattr(self._file, "name", "object")
        names = ", ".join(self.files[: self._MAX_REPR_ARRAY_COUNT])
        if len(self.files) > self._MAX_REPR_ARRAY_COUNT:
            names += "..."
        return f"NpzFile {str(name)!r} with keys: {names}"
