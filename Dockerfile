# The static program and nothing else: no shell, no packages. The release workflow builds it from the programs it made:
#
#   docker build --file Dockerfile --build-arg TARGETARCH=amd64 container
#
# with the program at container/amd64/poolkeeper. docs/live.md says how to run it.
FROM scratch
ARG TARGETARCH
COPY ${TARGETARCH}/poolkeeper /poolkeeper
# Nobody: the program needs no rights.
USER 65534:65534
# The file of accounts is /config/poolkeeper/poolkeeper.toml, the record of changes /state/poolkeeper/record.
ENV XDG_CONFIG_HOME=/config
ENV XDG_STATE_HOME=/state
EXPOSE 7878
ENTRYPOINT ["/poolkeeper"]
