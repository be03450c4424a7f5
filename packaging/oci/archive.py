"""The image as one file: an OCI image layout, and beside its index the one by which Docker before version 25 finds its way."""
import collections
import io
import json
import tarfile

from layer import sha256

OCI = "application/vnd.oci.image."
# `digest` is the manifest's: what names the image.
Image = collections.namedtuple("Image", "digest manifest config layers")


def descriptor(kind, data, digest=None):
    return {"mediaType": OCI + kind, "digest": digest or sha256(data), "size": len(data)}


def image(config, layers, annotations):
    manifest = json.dumps({
        "schemaVersion": 2,
        "mediaType": OCI + "manifest.v1+json",
        "config": descriptor("config.v1+json", config),
        "layers": [descriptor("layer.v1.tar+gzip", layer.packed, layer.digest) for layer in layers],
        "annotations": annotations,
    }, sort_keys=True).encode()
    return Image(sha256(manifest), manifest, config, layers)


def blob(digest):
    return "blobs/" + digest.replace(":", "/")


def index(image, version):
    named = {"io.containerd.image.name": f"docker.io/library/fenzhang:{version}", "org.opencontainers.image.ref.name": f"fenzhang:{version}"}
    manifest = descriptor("manifest.v1+json", image.manifest) | {"annotations": named}
    return json.dumps({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [manifest]}, sort_keys=True).encode()


def docker_index(image, version):
    layers = [blob(layer.digest) for layer in image.layers]
    return json.dumps([{"Config": blob(sha256(image.config)), "RepoTags": [f"fenzhang:{version}"], "Layers": layers}]).encode()


def write(path, image, facts):
    files = {
        "oci-layout": json.dumps({"imageLayoutVersion": "1.0.0"}).encode(),
        "index.json": index(image, facts.version),
        "manifest.json": docker_index(image, facts.version),
        blob(image.digest): image.manifest,
        blob(sha256(image.config)): image.config,
        **{blob(layer.digest): layer.packed for layer in image.layers},
    }
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), facts.date
            archive.addfile(entry, io.BytesIO(data))
