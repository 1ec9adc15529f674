"""The client in a window: tkinter, with Trio as a guest of its main loop.

`wanting`, `blocks`, `feed`, `palette`, `colouring`, `keytable` and `sidelists` are pure; all others draw, and run in
the main thread.
"""
