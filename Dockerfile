# An image of the sandbox, from a wheel in the folder dist:
#
#   docker build --tag instantly-sandbox --file Dockerfile dist
#   docker run --rm --publish 127.0.0.1:8080:8080 instantly-sandbox --world demo
#
# BASE is any image with Python, its venv and pip. With PIP_NO_INDEX=1 nothing is downloaded for it: the wheels that ours
# needs are in the folder, too.
ARG BASE=python:3.13-slim
FROM ${BASE}
ARG PIP_NO_INDEX
COPY *.whl /wheels/
RUN python3 -m venv /opt/sandbox \
    && /opt/sandbox/bin/pip install --no-cache-dir --find-links /wheels "$(ls /wheels/instantly_client-*.whl)[sandbox]" \
    && rm -r /wheels \
    && useradd --system --home-dir /var/lib/sandbox --create-home sandbox
USER sandbox
WORKDIR /var/lib/sandbox
EXPOSE 8080
HEALTHCHECK --interval=5s CMD ["/opt/sandbox/bin/python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/sandbox/health')"]
# Ports are published from outside the container, so that it listens to all that can reach it.
ENTRYPOINT ["/opt/sandbox/bin/instantly-sandbox", "--host", "0.0.0.0"]
