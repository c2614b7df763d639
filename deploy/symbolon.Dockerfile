# The operators' command line, as the companion of a Besu node: docker build -f deploy/symbolon.Dockerfile -t symbolon:0.1.0 .
FROM node:24-bookworm-slim

ENV NODE_ENV=production
WORKDIR /opt/symbolon
COPY package.json package-lock.json .npmrc ./
# Not npm ci: it refuses a lock file without the binaries of every other platform. The locked versions and digests hold all the same.
RUN npm install --omit=dev --no-save --ignore-scripts && npm cache clean --force
COPY agent agent
COPY chain chain
COPY scripts scripts

USER node
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "scripts/symbolon.ts"]
CMD ["--help"]
