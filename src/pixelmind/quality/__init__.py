"""Quality assurance: defect synthesis, the WGAN critic, the refiner, lint, and what goes to human review."""
