//! Suitability against a direct evaluation, its laws, and the requirements of the demo park.
mod brute;
mod demo;
mod distances;
mod fixes;
mod halls;
mod heirs;
mod laws;
mod made;
mod oracles;
mod overlays;
