"""The commands, one verb a file. What a verb needs is imported when it is called."""


def main() -> int:
    """Runs the command line; gives the exit code: 0 clean, 1 findings, 2 usage or I/O, 3 our own fault, 130
    interrupted."""
    try:
        from cnnspec.cli.app import run

        return run()
    except KeyboardInterrupt:
        return 130
