use std::path::Path as FilePath;

use crate::load::paths::clean;
use crate::model::{
    BindOptions, Extensions, ImageOptions, Mount, MountSource, TmpfsOptions, VolumeOptions,
};

use super::fields::Fields;

/// Binds one entry of `volumes`.
pub(super) fn mount(fields: &mut Fields<'_>) -> Option<Mount> {
    let source = match fields.string("type").unwrap_or_default().as_str() {
        "bind" => bind(fields)?,
        "tmpfs" => {
            MountSource::Tmpfs { options: fields.fields("tmpfs", tmpfs).unwrap_or_default() }
        }
        "image" => MountSource::Image {
            image: fields.string("source"),
            options: fields.fields("image", image).unwrap_or_default(),
        },
        "npipe" => MountSource::NamedPipe { pipe: fields.string("source") },
        "cluster" => MountSource::Cluster { volume: fields.string("source") },
        // the schema knows no others
        _ => MountSource::Volume {
            name: fields.string("source"),
            selinux: fields.fields("bind", |bind| bind.string("selinux")).flatten(),
            options: fields.fields("volume", volume).unwrap_or_default(),
        },
    };
    Some(Mount {
        source,
        target: clean(&fields.required("target", "mount", "the absolute path in the container")?),
        read_only: fields.bool("read_only").unwrap_or(false),
        consistency: fields.string("consistency"),
        extensions: fields.extensions(),
    })
}

fn bind(fields: &mut Fields<'_>) -> Option<MountSource> {
    let Some(path) = fields.string("source") else {
        fields.error("a bind mount needs a source", "add `source: …`, a path of this machine");
        return None;
    };
    let is_file = FilePath::new(&path).metadata().is_ok_and(|metadata| !metadata.is_dir());
    let options = fields.fields("bind", |fields| BindOptions {
        create_host_path: fields.bool("create_host_path").unwrap_or(true),
        propagation: fields.string("propagation"),
        recursive: fields.string("recursive"),
        selinux: fields.string("selinux"),
        extensions: fields.extensions(),
    });
    let options = options.unwrap_or_else(|| BindOptions {
        create_host_path: true,
        propagation: None,
        recursive: None,
        selinux: None,
        extensions: Extensions::default(),
    });
    Some(MountSource::Bind { path, is_file, options })
}

fn volume(fields: &mut Fields<'_>) -> VolumeOptions {
    VolumeOptions {
        labels: fields.pairs("labels"),
        nocopy: fields.bool("nocopy").unwrap_or(false),
        subpath: fields.string("subpath"),
        extensions: fields.extensions(),
    }
}

fn tmpfs(fields: &mut Fields<'_>) -> TmpfsOptions {
    TmpfsOptions {
        size: fields.bytes("size"),
        mode: fields.plain_integer("mode"),
        extensions: fields.extensions(),
    }
}

fn image(fields: &mut Fields<'_>) -> ImageOptions {
    ImageOptions { subpath: fields.string("subpath"), extensions: fields.extensions() }
}
