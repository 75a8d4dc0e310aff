"""Widgets for the pages. Everything reads its colours from `studio.ui.theme`.

    page      Page (base of the five pages: header + body), PageHeader
    panes     Columns (left, middle, right; the right one folds when narrow), Splitter, scrolled(),
              stack()
    cards     Card, InnerCard, ChoiceCard, Figure, Fact (name … value), EmptyState, rule()
    labels    label(text, role), ElidedLabel, Pill, set_property()
    buttons   PrimaryButton (one per page), Button, QuietButton, IconButton, Disclosure
    chips     Chip, ChipRow of ChipChoice (filters with counts; what does not fit is under …)
    flow      FlowLayout (wraps; equal columns for cards, own widths for chips)
    spin      SpinBox, RealSpinBox, ComboBox (no turning by accident while a page scrolls)
    inputs    LabelledSlider, StarRating, SearchField
    progress  ProgressBar, Sparkline
    grid      VirtualGrid over a GridSource: 100,000 thumbnails without a stutter
    bars      BarChart: counts side by side, each with its name
    toast     NoticeStack, Toast; pages call `Studio.notify` instead
    dot       StateDot
    latent_map, mix_grid
              LatentMap (seeds with a point to drag), MixGrid (pairs of seeds): the explorer's

Rules: texts go through `tr()`, numbers that change get `ui_font(tabular=True)`, icons come from
`studio.ui.icons.set_icon`, a control without a text has an accessible name, and a painted widget
connects `theme().changed` to its `update`.
"""
