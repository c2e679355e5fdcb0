# The action runtime of nodejs:20 and nodejs:22: our server and nothing else on top of an ordinary Node image.
#
#   docker build -f docker/nodejs.Dockerfile --build-arg BASE=node:22-bookworm-slim -t hearth/action-nodejs-v22:latest .
#
# `npm run images` does this for every kind. No RUN needs a network.
ARG BASE=node:20-bookworm-slim
FROM ${BASE}
USER 0:0
COPY docker/action-runtimes/nodejs /action
# A user that owns nothing; with a name, since programs ask for it.
RUN grep -q '^action:' /etc/passwd || { echo 'action:x:61000:61000::/tmp:/bin/sh' >>/etc/passwd && echo 'action:x:61000:' >>/etc/group; }
ENV LANG=C.UTF-8 HOME=/tmp TMPDIR=/tmp
WORKDIR /tmp
USER 61000:61000
EXPOSE 8080
ENTRYPOINT []
CMD ["node", "/action/server.js"]
