ARG PYTHON=docker.io/library/python:3.13-slim
FROM ${PYTHON}
RUN python3 --version
