"""`python -m monitor` is `tilannekuva`."""

from monitor.cli.main import main

if __name__ == "__main__":
    main()
