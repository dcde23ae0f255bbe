"""What deployments leave behind and agree on: history, releases, snapshots, journals and locks, on any object store.

Comes in: a URL (a folder, `s3://`, `gs://`, `az://`). Goes out: `deployer.store.store.Store`. No secret is ever kept.
"""
