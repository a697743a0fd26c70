"""What comes in over HTTP: the webhooks of SIS, and whether the program is ready.

The third front end beside window and command line, on the loopback address alone. What it accepts
lies in a small database of its own (``webhooks.db``) before it is acknowledged, and is then handed
to ``engine.Engine.deliver``; a request that is refused reaches neither. The only room, with
``practice``, that knows Starlette and uvicorn. Imported by ``compose`` and the two front ends.
"""
