"""What must outlive a run: the gallery file, waivers, confirmations, receipts, the journal."""
