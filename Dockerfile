# The image: Node, its libraries, certificates and the bundle; no shell, no package manager, no npm package.
#
#   npm ci && npm run build && docker build -t registry.example.org/corespan:0.1.0 .
#
# Node comes from npm like everything else, pinned with its hash in package-lock.json; docs/install/image.md says how
# the other architecture is built, and how the build is tried without any engine (npm run image).

FROM docker.io/library/debian:trixie-slim AS build
ARG TARGETARCH
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends binutils ca-certificates libatomic1 libstdc++6
COPY node_modules /modules
COPY dist /root-fs/app
COPY LICENSE /root-fs/app/
# ldd names what Node is linked with; the image gets exactly that, under the paths where the loader looks.
RUN set -eu; \
    case "${TARGETARCH:-$(dpkg --print-architecture)}" in amd64) arch=x64 ;; arm64) arch=arm64 ;; *) exit 1 ;; esac; \
    mkdir -p /root-fs/usr/local/bin /root-fs/etc/ssl/certs; \
    strip --strip-unneeded -o /root-fs/usr/local/bin/node "/modules/node-linux-$arch/bin/node"; \
    chmod 0755 /root-fs/usr/local/bin/node; \
    ldd /root-fs/usr/local/bin/node | grep -o '/lib[^ ]*' | while read -r library; do \
      mkdir -p "/root-fs$(dirname "$library")"; \
      cp --dereference "$library" "/root-fs$library"; \
    done; \
    cp --dereference /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/; \
    # The young generation decides the peak of the memory: 4 MB cost 1 MB more than 2 and save CPU, 16 cost 20 (docs/adr/013).
    sed -i '1s|.*|#!/usr/local/bin/node --max-semi-space-size=4|' /root-fs/app/corespan.cjs; \
    chmod 0755 /root-fs/app/corespan.cjs; \
    ln -s /app/corespan.cjs /root-fs/usr/local/bin/corespan

FROM scratch
ARG REVISION=""
ARG VERSION=""
LABEL org.opencontainers.image.title="corespan" \
      org.opencontainers.image.description="Who asked for whom: CoreDNS query logs as spans, service graph and metrics" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /root-fs /
# The heap is for a limit of 160Mi and more; the manifests set it by their own limit. One arena for all threads of
# glibc: each of its own keeps what it once needed (186 and 155 MB in one pair of runs of `npm run bench:memory`).
ENV PATH=/usr/local/bin \
    NODE_OPTIONS=--max-old-space-size=96 \
    MALLOC_ARENA_MAX=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    CORESPAN_REVISION="${REVISION}"
# Group 0 may read the kubelet's logs, and nothing else needs a right.
USER 65532:0
EXPOSE 9464
ENTRYPOINT ["corespan"]
CMD ["run"]
