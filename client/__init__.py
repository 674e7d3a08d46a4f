"""The Python client of the call analysis, and the ``callcenter`` command.

async with CallCenter("127.0.0.1:50050") as calls:
    submitted = await calls.submit(Path("call.wav"))
    call = await calls.wait(submitted.call_id)
    print(call.summary)
"""

from client.calls import CallCenter

__all__ = ["CallCenter"]
