"""A conversation with `cfdoctor mcp` through the official Python client: what an agent does, from the first handshake to a cancelled call.

usage: conversation.py PROGRAM RECORDING ARGUMENTS-AS-JSON
Prints one JSON object with what was answered; the Go test judges it.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client


def server(program, *args):
    env = dict(os.environ, AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="example", AWS_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true")
    return StdioServerParameters(command=program, args=["mcp", *args], env=env)


async def talk(program, recording, arguments):
    out = {"progress": []}
    async with stdio_client(server(program, "--from", recording)) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        out["server"] = hello.serverInfo.name
        out["instructions"] = bool(hello.instructions)
        out["tools"] = sorted(t.name for t in (await session.list_tools()).tools)
        out["prompts"] = [p.name for p in (await session.list_prompts()).prompts]
        out["resources"] = sorted(str(r.uri) for r in (await session.list_resources()).resources)

        async def progress(done, total, message):
            out["progress"].append(done)

        answer = await session.call_tool("diagnose_distribution", arguments, progress_callback=progress)
        out["failed"] = answer.isError
        out["text"] = answer.content[0].text
        diagnosis = out["diagnosis"] = answer.structuredContent
        links = [c for c in answer.content if c.type == "resource_link"]
        read = await session.read_resource(links[0].uri)
        out["trace"] = read.contents[0].text
        plan = await session.call_tool("plan_fix", {"diagnosis_id": diagnosis["diagnosis_id"], "fix_id": diagnosis["fixes"][0]["id"]})
        out["plan"] = plan.structuredContent
        cause = await session.call_tool("explain_cause", {"cause": diagnosis["findings"][0]["cause"]})
        out["explained"] = cause.structuredContent["title"]
        prompt = await session.get_prompt("troubleshoot_cloudfront", {k: str(v) for k, v in arguments.items()})
        out["prompt"] = prompt.messages[0].content.text
    return out


async def cancel(program):
    """Calls a tool on an account that never answers, cancels, and asks for a sign of life."""
    asked, ended = asyncio.Event(), asyncio.Event()

    async def hang(reader, writer):
        if not await reader.read(65536):  # a connection that carries no request may outlive the call, idle
            return
        asked.set()
        while await reader.read(65536):
            pass
        ended.set()

    account = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = account.sockets[0].getsockname()[1]
    async with stdio_client(server(program, "--endpoint-url", f"http://127.0.0.1:{port}")) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        number = session._request_id
        call = asyncio.create_task(session.call_tool("diagnose_distribution", {"distribution_id": "E2EXAMPLE12345"}))
        await asyncio.wait_for(asked.wait(), 30)
        await session.send_notification(types.ClientNotification(types.CancelledNotification(params=types.CancelledNotificationParams(requestId=number, reason="enough"))))
        await asyncio.wait_for(ended.wait(), 30)
        await asyncio.wait_for(session.send_ping(), 30)
        call.cancel()
    account.close()
    return True


async def main():
    program, recording, arguments = sys.argv[1:]
    out = await talk(program, recording, json.loads(arguments))
    out["cancelled"] = await cancel(program)
    json.dump(out, sys.stdout)


asyncio.run(main())
