# docker build -t stx-fleet-gateway:0.1.0 .        Without a registry: npm run image
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
# What the Node image is made from. Only its `node` is added: no npm, no yarn, nothing that scanners find in them.
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --prefer-offline --no-audit --no-fund
COPY tsconfig.json LICENSE README.md CHANGELOG.md ./
COPY src src
COPY .ci .ci
COPY config config
COPY docs docs
COPY examples examples
# The same package that `npm run pack` makes, with what it runs on.
RUN node .ci/release/stage.ts /package && cd /package && npm ci --ignore-scripts --prefer-offline --no-audit --no-fund

FROM ${BASE_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="stx-fleet-gateway" \
      org.opencontainers.image.description="One endpoint for a whole StarlingX fleet" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
ENV NODE_ENV=production
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /package /opt/stx-fleet-gateway
# A number, so that Kubernetes sees that it is not root. It owns nothing: the root may be read-only.
USER 65532:65532
EXPOSE 8080 9464
# Of `docker run`; the chart has probes of its own. ADMIN_PORT where admin.port is another.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ADMIN_PORT ?? 9464}/livez`).then((it) => process.exit(it.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/stx-fleet-gateway/dist/main.js"]
CMD ["--config", "/etc/stx-fleet-gateway/fleet.yaml"]
