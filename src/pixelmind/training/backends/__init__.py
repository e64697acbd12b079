"""Where training runs. `local`: one process, CPU or one GPU."""
