"""What the window and the docs say of CycleGAN."""

from __future__ import annotations

from studio.core.family_info import FamilyInfo, Metric, Paper, Task
from studio.core.media import Modality

INFO = FamilyInfo(
    id="cyclegan",
    title="CycleGAN",
    modality=Modality.IMAGE,
    tasks=(Task.TRANSLATE,),
    summary="Turns pictures of one kind into another kind and back, such as summer into winter."
    " Learns from two piles of pictures that need not belong together.",
    needs="Two datasets, some hundred pictures each, that show alike things in two ways.",
    partner="unpaired",
    partner_needs="pictures of the other kind",
    caution="The critics' and generators' scores are a game's and do not fall as pictures get"
    " better. Judge the samples and the distance to the other kind.",
    typical_time="Quick: 3 minutes on a processor. Best: some hours on a graphics card.",
    papers=(
        Paper(
            title="Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks",
            authors="Zhu, Park, Isola, Efros",
            year=2017,
            url="https://arxiv.org/abs/1703.10593",
        ),
        Paper(
            title="Least Squares Generative Adversarial Networks",
            authors="Mao et al.",
            year=2017,
            url="https://arxiv.org/abs/1611.04076",
        ),
        Paper(
            title="Learning from Simulated and Unsupervised Images through Adversarial Training",
            authors="Shrivastava et al.",
            year=2017,
            url="https://arxiv.org/abs/1612.07828",
        ),
        Paper(
            title="Instance Normalization: The Missing Ingredient for Fast Stylization",
            authors="Ulyanov, Vedaldi, Lempitsky",
            year=2016,
            url="https://arxiv.org/abs/1607.08022",
        ),
        Paper(
            title="CycleGAN, a Master of Steganography",
            authors="Chu, Zhmoginov, Sandler",
            year=2017,
            url="https://arxiv.org/abs/1712.02950",
        ),
        Paper(
            title="Guided Image Filtering",
            authors="He, Sun, Tang",
            year=2013,
            url="https://doi.org/10.1109/TPAMI.2012.213",
        ),
    ),
    explains="learn/cyclegan.md",
    metrics={
        "loss_generator": Metric(
            title="Generators' score",
            help="Falls when the critics take what was translated for real. It never settles"
            " in a healthy game.",
        ),
        "loss_critic": Metric(
            title="Critics' score",
            help="Falls when the critics tell what is real from what was translated. Near zero for"
            " long, they leave the generators little to learn from.",
        ),
        "critic_right": Metric(
            title="The critics are right",
            help="Share of patches, real and translated, that the critics take for what they are."
            " Guessing alone reaches 50 %.",
            percent=True,
        ),
        "cycle": Metric(
            title="Lost on the way back",
            help="How far what was translated and translated back is from what it was, both ways"
            " together.",
            better="lower",
        ),
        "identity": Metric(
            title="Needlessly changed",
            help="How much is changed of what is of the wanted kind already, both ways together.",
            better="lower",
        ),
        "val_distance": Metric(
            title="Distance to the other kind",
            help="How far small patches of what was translated are from real ones of that kind, in"
            " colour and texture, on what was kept for checking.",
            better="lower",
        ),
        "val_cycle": Metric(
            title="Lost on the way back, unseen",
            help="The same as Lost on the way back, on what was kept for checking.",
            better="lower",
        ),
        "val_cycle_psnr": Metric(
            title="Way there and back",
            help="How well what it never saw survives the way there and back. High alone says"
            " little: a model that changes nothing is perfect at it.",
            unit="dB",
            better="higher",
        ),
        "val_changed": Metric(
            title="Changed",
            help="How much translating changes what it never saw, where 1 is from black to white."
            " Below 0.01 it returns what it was given.",
        ),
        "val_hidden": Metric(
            title="Secret notes",
            help="How much more is lost on the way back when the result is changed by a step that"
            " nobody sees. Far above 1, the original is hidden in invisible"
            " differences.",
            better="lower",
        ),
    },
    place=80,
    best="val_distance",
    figures=("val_distance", "val_cycle_psnr"),
)
