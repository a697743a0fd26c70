"""The practice district: an invented school district and the OneRoster services over it.

What lives here: the generator of the district, the school days that pass in it, the state that
brings the same district back, the HTTP service that speaks OneRoster about it, the webhooks that it
sends, and the faults and lasting habits that it can be told to have.

What may not live here: anything imported from the rest of the product. The practice district is a
stranger to every other room, as a real SIS would be, so that it cannot share our mistakes. It uses
the standard library, Starlette, uvicorn and msgspec, and nothing else.

Who may import it: the command line, and of it only `practice.serve`, `practice.faults` and
`practice.habits`; everybody else speaks to it over HTTP.
"""
