# The backend and the judge as one static binary, without root.
#
#   docker build -t imsim --build-arg VERSION="$(git describe --tags --always)" .
#   docker run --rm -p 127.0.0.1:8090:8090 imsim
#   docker run --rm -p 127.0.0.1:8090:8090 -v imsim:/data imsim serve --addr :8090 --state /data/world.json
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -ldflags "-s -w -X main.version=${VERSION}" -o /out/imsim ./cmd/imsim
RUN mkdir /out/data

FROM scratch
COPY --from=build /out/imsim /usr/bin/imsim
COPY --from=build --chown=65534:65534 /out/data /data
USER 65534:65534
VOLUME /data
EXPOSE 8090
# A container's loopback is its own: whoever is outside needs every interface.
# Publish the port to your machine's loopback, as above: anybody may use it.
ENTRYPOINT ["/usr/bin/imsim"]
CMD ["serve", "--addr", ":8090"]
