"""A service over the API: one client for all requests, errors as answers, limits kept.

pip install fastapi uvicorn
INSTANTLY_API_KEY=... uvicorn examples.fastapi_service:app
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from instantly_client import AsyncInstantly, errors

DEADLINE = 20.0
"""Seconds that a call may take with all its waits, so that nobody waits longer than for a page."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    async with AsyncInstantly(deadline=DEADLINE) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


def client_of(request: Request) -> AsyncInstantly:
    client: AsyncInstantly = request.app.state.client
    return client


Client = Annotated[AsyncInstantly, Depends(client_of)]


@app.get("/campaigns")
async def campaigns(client: Client) -> list[dict[str, Any]]:
    return [{"id": each.id, "name": each.name, "status": each.status.name} async for each in client.campaigns.list()]


@app.get("/campaigns/{id}/obstacles")
async def obstacles(id: str, client: Client) -> list[dict[str, Any]]:
    return [each._asdict() for each in await client.campaigns.why_not_sending(id)]


@app.post("/campaigns/{id}/pause")
async def pause(id: str, client: Client) -> dict[str, Any]:
    return (await client.campaigns.pause(id)).to_dict()


@app.exception_handler(errors.NotFoundError)
async def not_found(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "there is no such object"}, 404)


@app.exception_handler(errors.ValidationError)
async def invalid(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 400)


@app.exception_handler(errors.InstantlyError)
async def failed(request: Request, error: Exception) -> JSONResponse:
    # A write may have been carried out all the same: the caller looks before it tries again.
    seconds = getattr(error, "retry_after", None)
    headers = {"Retry-After": str(round(seconds))} if seconds else None
    return JSONResponse({"detail": str(error)}, 503, headers)
