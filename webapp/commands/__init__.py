"""The commands of `wangge`, a file each."""
