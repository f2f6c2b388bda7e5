# The service in one image: `docker compose up --build` runs it beside a PostgreSQL (see compose.yaml); alone, with
# `docker run -p 8490:8490 -v tidemark:/data`, it uses the PostgreSQL that it brings.
FROM node:24-bookworm-slim AS build
WORKDIR /build
# Apart from the sources, so that only other packages are fetched anew.
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src src
COPY schemas schemas
COPY workers workers
RUN npm run release -- /opt/tidemark

FROM debian:bookworm-slim
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data tidemark \
 && install --directory --owner=tidemark --group=tidemark /data
COPY --from=build /opt/tidemark /opt/tidemark
ENV PATH=/opt/tidemark/bin:$PATH TIDEMARK_HOST=0.0.0.0 TIDEMARK_DATA=/data
USER tidemark
WORKDIR /data
VOLUME /data
EXPOSE 8490
HEALTHCHECK --start-period=60s CMD ["node", "-e", \
  "fetch(`http://127.0.0.1:${process.env.TIDEMARK_PORT || 8490}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tidemark"]
CMD ["serve"]
