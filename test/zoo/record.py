"""Records what public repositories' own code makes of small networks, for test/zoo/forward.test.ts.

Needs PyTorch (Debian's python3-torch has it) and a folder of checkouts named OWNER+NAME:
    /usr/bin/python3 test/zoo/record.py FOLDER

Each file has the weights under the source's names, and `case.input` with `case.output`, or `case.output_0`,
`case.output_1`, ... of a network that returns several, finest first. Weights and statistics are drawn at random, in
evaluation mode. With `--count`, prints the parameters of configurations that specs/zoo/zoo.json lists, instead.
"""

import importlib
import sys
import types
from pathlib import Path
from unittest.mock import MagicMock

import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "peer"))
import tensor_file

sources = Path(sys.argv[1])
torch.set_num_threads(1)


def use(repository, folder=""):
    """Makes a checkout's modules known, and those of no other checkout."""
    sys.path.insert(0, str(sources / repository / folder))


def stub(*names):
    """Stands in for modules that a repository imports and these networks do not use."""
    for name in names:
        sys.modules[name] = MagicMock()


def package(name, folder):
    """Makes the modules of a folder known without what its `__init__` imports."""
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module


def dynamic(architecture, features, strides, kernels, count, decoder, channels=2, classes=3):
    use("MIC-DKFZ+dynamic-network-architectures")
    stub("timm")
    from dynamic_network_architectures.architectures import unet

    stages = "n_conv_per_stage" if architecture == "PlainConvUNet" else "n_blocks_per_stage"
    return getattr(unet, architecture)(
        input_channels=channels,
        n_stages=len(features),
        features_per_stage=features,
        conv_op=nn.Conv3d,
        kernel_sizes=kernels,
        strides=strides,
        num_classes=classes,
        n_conv_per_stage_decoder=[decoder] * (len(features) - 1),
        conv_bias=True,
        norm_op=nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
        deep_supervision=True,
        **{stages: count},
    )


def mednext(name, **options):
    use("MIC-DKFZ+MedNeXt")
    if name is None:
        from nnunet_mednext.network_architecture.mednextv1.MedNextV1 import MedNeXt

        return MedNeXt(**options)
    from nnunet_mednext.network_architecture.mednextv1.create_mednext_v1 import create_mednext_v1

    return create_mednext_v1(4, 4, name, **options)


def wolny(name, **options):
    use("wolny+pytorch-3dunet")
    stub("h5py", "skimage", "skimage.color", "tensorboard", "torch.utils.tensorboard")
    from pytorch3dunet.unet3d import model

    return getattr(model, name)(is_segmentation=False, **options)


def attention_gated(name, **options):
    use("ozan-oktay+Attention-Gated-Networks")
    folder = sources / "ozan-oktay+Attention-Gated-Networks" / "models"
    package("models", folder)
    package("models.networks", folder / "networks")
    return getattr(importlib.import_module(f"models.networks.{name}"), name)(**options)


def brain_segmentation(**options):
    use("mateuszbuda+brain-segmentation-pytorch")
    import unet

    # Logits, as the spec has them.
    unet.torch = types.SimpleNamespace(cat=torch.cat, sigmoid=lambda tensor: tensor)
    return unet.UNet(**options)


def generic_plus_plus(width):
    use("MrGiovanni+UNetPlusPlus", "pytorch")
    stub("batchgenerators", "batchgenerators.augmentations", "batchgenerators.augmentations.utils")
    from nnunet.network_architecture.generic_UNetPlusPlus import Generic_UNetPlusPlus

    return Generic_UNetPlusPlus(
        4, width, 4, 5, conv_op=nn.Conv3d, norm_op=nn.InstanceNorm3d, norm_op_kwargs={"eps": 1e-5, "affine": True},
        dropout_op=nn.Dropout3d, dropout_op_kwargs={"p": 0, "inplace": True}, nonlin=nn.LeakyReLU,
        nonlin_kwargs={"negative_slope": 1e-2, "inplace": True}, deep_supervision=True, final_nonlin=lambda x: x,
        pool_op_kernel_sizes=[[2, 2, 2]] * 5, conv_kernel_sizes=[[3, 3, 3]] * 6, convolutional_pooling=True,
        convolutional_upsampling=True,
    )  # fmt: skip


def monai(module, name, **options):
    use("Project-MONAI+MONAI")
    folder = sources / "Project-MONAI+MONAI" / "monai"
    for each in ("", ".networks", ".networks.nets", ".networks.blocks"):
        package(f"monai{each}", folder / each.removeprefix(".").replace(".", "/"))
    sys.modules["monai"].__version__ = "1"
    stub("monai.networks.layers.spatial_transforms", "monai.apps", "monai.apps.utils")
    # What the package of the blocks would import, in the order of their dependencies.
    blocks = sys.modules["monai.networks.blocks"]
    for part, member in (("acti_norm", "ADN"), ("convolutions", "Convolution"), ("upsample", "UpSample")):
        setattr(blocks, member, getattr(importlib.import_module(f"monai.networks.blocks.{part}"), member))
    blocks.ResidualUnit = sys.modules["monai.networks.blocks.convolutions"].ResidualUnit
    return getattr(importlib.import_module(f"monai.networks.nets.{module}"), name)(**options)


def draw(network):
    """Gives every parameter and statistic a value that no other value could stand in for."""
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not tensor.is_floating_point():
                continue
            noise = torch.randn_like(tensor)
            if name.endswith("running_var"):
                tensor.copy_(0.5 + torch.rand_like(tensor))
            elif tensor.dim() > 1:
                tensor.copy_(noise / tensor[0].numel() ** 0.5)
            else:
                tensor.copy_((1.0 if name.endswith("weight") else 0.0) + 0.2 * noise)


def record(name, network, shape):
    """`shape` is that of the input, [N, C, ...]."""
    torch.manual_seed(11)
    network.eval()
    draw(network)
    given = torch.randn(*shape)
    with torch.no_grad():
        found = network(given)
    several = found if isinstance(found, (list, tuple)) else None
    outputs = {"case.output": found} if several is None else {f"case.output_{i}": each for i, each in enumerate(several)}
    unique = {}
    for key, tensor in network.state_dict().items():
        if tensor.is_floating_point() and all(tensor.data_ptr() != each.data_ptr() for each in unique.values()):
            unique[key] = tensor
    arrays = {key: each.detach().numpy() for key, each in {**unique, "case.input": given, **outputs}.items()}
    path = ROOT / "test" / "zoo" / "recorded" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    tensor_file.write(path, arrays, {})
    print(name, sum(each.numel() for each in network.parameters()), path.stat().st_size, list(outputs))


def small():
    strides = [1, [1, 2, 2], 2]
    kernels = [[1, 3, 3], 3, 3]
    record("nnunet", dynamic("PlainConvUNet", [4, 6, 8], strides, kernels, 2, 2), (1, 2, 4, 12, 16))
    record("nnunet-resenc", dynamic("ResidualEncoderUNet", [4, 6, 8], strides, kernels, [1, 2, 1], 1), (1, 2, 4, 12, 16))
    options = {"in_channels": 1, "n_channels": 2, "n_classes": 1, "exp_r": [2, 2, 3, 2, 2, 2, 3, 2, 2], "kernel_size": 3}
    options |= {"deep_supervision": True, "do_res": True, "do_res_up_down": True, "block_counts": [1] * 9}
    record("mednext", mednext(None, **options), (1, 1, 16, 16, 32))
    options = {"in_channels": 2, "out_channels": 3}
    record("pytorch-3dunet", wolny("UNet3D", f_maps=[8, 16], **options), (1, 2, 7, 9, 10))
    record("pytorch-3dunet-residual", wolny("ResidualUNet3D", f_maps=[4, 8], **options), (1, 2, 8, 6, 10))
    options = {"feature_scale": 64, "n_classes": 2, "in_channels": 1}
    record("attention-gated", attention_gated("unet_CT_single_att_dsv_3D", **options), (1, 1, 16, 16, 16))
    record("brain-segmentation-unet", brain_segmentation(in_channels=3, out_channels=1, init_features=2), (1, 3, 32, 32))
    options = {"spatial_dims": 3, "in_channels": 2, "out_channels": 3, "channels": (4, 6, 8), "strides": (2, 2)}
    record("monai-unet", monai("unet", "UNet", num_res_units=0, norm="batch", **options), (1, 2, 8, 12, 8))


def count():
    features, strides = [32, 64, 128, 256, 320, 320], [1, 2, 2, 2, 2, 2]
    resenc = dynamic("ResidualEncoderUNet", features, strides, 3, [1, 3, 4, 6, 6, 6], 1, 4, 4)
    long = dynamic("ResidualEncoderUNet", [*features, 320], [*strides, 2], 3, [1, 3, 4, 6, 6, 6, 6], 1, 4, 4)
    networks = {"ResidualEncoderUNet": resenc, "ResidualEncoderUNet, 7 stages": long}
    for size in "BM":
        networks[f"MedNeXt {size}"] = mednext(size, kernel_size=3, deep_supervision=True)
    networks["Generic_UNetPlusPlus"] = generic_plus_plus(32)
    options = {"in_channels": 4, "out_channels": 4, "features": (32, 32, 64, 128, 256, 32)}
    networks["BasicUNet"] = monai("basic_unet", "BasicUNet", **options)
    networks["BasicUNetPlusPlus"] = monai("basic_unetplusplus", "BasicUNetPlusPlus", **options)
    for name, network in networks.items():
        print(name, sum(each.numel() for each in network.parameters()))


count() if "--count" in sys.argv else small()
