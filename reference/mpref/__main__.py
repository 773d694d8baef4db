"""`python -m mpref program.py` and `python -m mpref -m module`: see mpref.drop_in."""

if __name__ == "__main__":
    from mpref.drop_in import main

    main()
