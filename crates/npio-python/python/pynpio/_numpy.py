"""NumPy's own functions, as they are before `compat.install` puts others in their place."""

import numpy as np
from numpy.lib import format as _format

load = np.load
fromfile = np.fromfile
fromstring = np.fromstring
loadtxt = np.loadtxt
savetxt = np.savetxt
tofile = np.ndarray.tofile
open_memmap = _format.open_memmap
read_array = _format.read_array
write_array = _format.write_array
drop_metadata = _format.drop_metadata
