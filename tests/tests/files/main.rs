//! Files that NumPy and other programs wrote, good ones and bad ones, read in every way.

mod corpus;
mod golden;
mod hostile;
mod npz;
mod npz_faults;
mod npz_flips;
mod npz_hostile;
mod npz_large;
