"""Federated learning of adapters: many people's machines in, one shared adapter out; nobody's sprites or updates leave in the clear.

    pip install 'pixelmind[federated]'

The parts, none of which knows a network: `quantization.py` makes integers of updates, `noise.py` adds each client's share of the noise,
`secagg_client.py` and `secagg_server.py` sum them under masks, `accounting.py` counts what was given away, `aggregation.py` averages.
"""
