"""Makes the embedded diarization pipeline, or fine-tunes one: ``python -m training.diarize``."""

from training.diarize.recipe import main

if __name__ == "__main__":
    main()
