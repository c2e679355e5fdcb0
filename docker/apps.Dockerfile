# The three apps of Hearth, one target each: controller, scheduler, invoker-agent.
#
#   docker build -f docker/apps.Dockerfile --target controller -t hearth/controller .
#
# The build needs npm's registry for the packages and Debian's for the agent's tools, and a registry for the base unless BASE is an image of the
# machine: a Debian with Node 20 and npm. `npm run images -- --apps` needs none of these. Settings come as environment variables
# (docs/operations.md); none has a secret in it.
ARG BASE=node:20-bookworm-slim

FROM ${BASE} AS build
WORKDIR /hearth
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM ${BASE} AS app
WORKDIR /hearth
ENV NODE_ENV=production HEARTH_DATA_DIR=/var/lib/hearth
# As the supervisor of npm start tells its apps (libs/supervisor/src/environment.ts): threads share the allocator's heaps, and what is free goes back.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
COPY --from=build /hearth/package.json ./
COPY --from=build /hearth/node_modules node_modules
COPY --from=build /hearth/bin bin
COPY --from=build /hearth/proto proto
COPY --from=build /hearth/docker docker
COPY --from=build /hearth/dist dist
RUN install --directory --owner=1000 --group=1000 --mode=0700 /var/lib/hearth
USER 1000:1000

FROM app AS controller
CMD ["node", "dist/apps/controller/src/main.js"]

FROM app AS scheduler
CMD ["node", "dist/apps/scheduler/src/main.js"]

# Root, since it makes containers, freezes them and keeps them apart by the node's firewall.
FROM app AS invoker-agent
USER 0:0
RUN apt-get update && apt-get install --yes --no-install-recommends iptables iproute2 nftables runc && rm -rf /var/lib/apt/lists/*
CMD ["node", "dist/apps/invoker-agent/src/main.js"]
