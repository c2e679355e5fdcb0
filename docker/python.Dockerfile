# The action runtime of python:3: our server and nothing else on top of an ordinary Python image (3.8 or later).
#
#   docker build -f docker/python.Dockerfile -t hearth/action-python-v3:latest .
#
# `npm run images` does this for every kind. No RUN needs a network.
ARG BASE=python:3-slim-bookworm
FROM ${BASE}
USER 0:0
COPY docker/action-runtimes/python /action
# A user that owns nothing; with a name, since programs ask for it. Compiled now: the root cannot be written when it runs.
RUN { grep -q '^action:' /etc/passwd || { echo 'action:x:61000:61000::/tmp:/bin/sh' >>/etc/passwd && echo 'action:x:61000:' >>/etc/group; }; } \
  && python3 -m compileall -q --invalidation-mode unchecked-hash /action
ENV LANG=C.UTF-8 HOME=/tmp TMPDIR=/tmp
WORKDIR /tmp
USER 61000:61000
EXPOSE 8080
ENTRYPOINT []
CMD ["python3", "-B", "/action/server.py"]
