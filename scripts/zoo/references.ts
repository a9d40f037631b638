/** The networks that the paper of DALight-3D (arXiv:2605.04518) refers to, and where they are. */
export interface Reference {
  readonly network: string;
  /** Files below `specs/`; those that exist are listed. */
  readonly specs: readonly string[];
  /** What the specs have of it, or, beginning with "not", why there is none. */
  readonly remark?: string;
}

export const references: readonly Reference[] = [
  { network: 'U-Net (Ronneberger 2015)', specs: ['unet2d-2015.unet', 'zoo/milesial-unet.unet'] },
  { network: '3-D U-Net (Çiçek 2016)', specs: ['zoo/pytorch-3dunet.unet'] },
  { network: 'V-Net (Milletari 2016)', specs: ['zoo/vnet.unet', 'vnet3d.unet'] },
  { network: 'Attention U-Net (Oktay 2018)', specs: ['zoo/attention-gated.unet', 'zoo/monai-attention-unet.unet'] },
  {
    network: 'ResNet (He 2016)',
    specs: ['zoo/residual-attention-unet.unet', 'residual-unet3d.unet', 'zoo/nnunet-resenc.unet'],
    remark: 'a classifier; its blocks are in these networks',
  },
  {
    network: 'Squeeze-and-excitation (Hu 2020)',
    specs: ['zoo/residual-attention-unet.unet', 'dalight3d.unet'],
    remark: 'a block, part of these networks',
  },
  {
    network: 'CBAM (Woo 2018)',
    specs: ['zoo/residual-attention-unet.unet'],
  },
  {
    network: 'MobileNet (Howard 2017)',
    specs: ['dalight3d.unet'],
    remark: 'a classifier; its separable convolutions are in this network',
  },
  { network: 'No New-Net (Isensee 2018)', specs: ['zoo/no-new-net.unet'] },
  { network: 'nnU-Net (Isensee 2021)', specs: ['zoo/nnunet.unet', 'zoo/nnunet-resenc.unet', 'zoo/dynunet.unet'] },
  { network: 'DeepMedic (Kamnitsas 2017)', specs: ['zoo/deepmedic.unet'] },
  { network: 'Two-pathway CNN (Havaei 2017)', specs: ['zoo/havaei2017.unet'] },
  {
    network: 'SegResNet with VAE (Myronenko 2019)',
    specs: ['zoo/segresnet-vae.unet', 'zoo/segresnet.unet'],
    remark: 'the second without the branch of the autoencoder',
  },
  {
    network: 'Cascaded anisotropic CNNs (Wang 2019)',
    specs: ['zoo/wang2017.unet'],
  },
  {
    network: 'Multi-planar networks (Andermatt 2018)',
    specs: [],
    remark: 'not possible: they run gated recurrent units along the axes, and the language has no recurrence',
  },
  {
    network: 'Self-ensembled, deeply supervised U-Net (Henry 2021)',
    specs: ['zoo/henry-unet.unet'],
  },
  {
    network: 'ConvNeXt (Liu 2022)',
    specs: ['zoo/convnext-unet.unet', 'zoo/mednext.unet'],
    remark: 'a classifier; its blocks are in these networks',
  },
  {
    network: 'Multi-scale ConvNeXt (Lopez-Ramirez 2026)',
    specs: [],
    remark:
      'not written: we found no public code, and could read only the beginning of the paper (doi:10.3390/technologies14010034), which does not describe its layers; `convnext-unet` has blocks of ConvNeXt',
  },
  { network: 'UNETR (Hatamizadeh 2022)', specs: ['zoo/unetr.unet', 'unetr.unet'] },
  { network: 'Swin-Unet (Cao 2022)', specs: ['zoo/swin-unet.unet'] },
];
