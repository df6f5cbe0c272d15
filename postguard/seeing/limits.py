"""Every number that seeing judges by, each with where it comes from (docs/decisions/0003-detectors-and-limits.md).

Sizes are heights of a face's box in pixels of the upright picture unless a line says otherwise.
"""

# --- Files -----------------------------------------------------------------------------------------

MAX_MEGAPIXELS = 80
"""Pictures larger than this are refused before they are decoded; phones make 12 to 50."""

MAX_FILE_BYTES = 200_000_000
"""A still picture larger than this is refused: no platform takes it, and it would fill the memory."""

MAX_MOVING_FRAMES = 300
"""Distinct frames of an animation or pages of a TIFF that are looked at; more is refused, never cut short."""

# --- Detecting -------------------------------------------------------------------------------------

YUNET_FLOOR = 0.4
CENTERFACE_FLOOR = 0.25
"""Operating points of the union that found 98.5 % of faces of 32 px and more in school photographs (0003)."""

WHISPER = {"yunet": 0.3, "centerface": 0.15}
"""Scores from which a detector's word counts where the other's agrees: two that are hardly sure are worth one that is.
Of 991 faces of 32 px and more four more were found so, with no more false ones (0003)."""

HOG_FLOOR = 0.0
"""dlib's own default for its HOG detector (its adjusted threshold)."""

REDUCED_SIDE = 1600
"""Longer side of the reduced picture. Very large faces are missed at full size; CenterFace needs 3 GB at 12 MP."""

TURNED_SIDE = 1024
"""Longer side of the picture that is looked at turned. Tilted faces smaller than this shows are seen upright or not."""

TURNED_BY = (-30.0, 30.0)
"""Degrees. With upright, at least 95 % of faces are found up to 45 degrees of tilt (measured, 0003)."""

LYING_BY = (-90.0, 90.0)
LYING_FLOOR = 0.5
LYING_EVIDENCE = 0.55
"""Degrees, YuNet's least score, and the evidence that a face needs which was seen lying on its side alone: of 1,110
faces of 32 px and more in 237 pictures four more were found so, with five more false ones (0003)."""

NARROWED_BY = 2.0
"""A picture stretched to twice its width shows no face to any detector, and everybody who is in it to people."""

LARGE_FACES_SIDE = 640
"""Longer side of a small picture in which faces that fill the frame are seen whole."""

SURE_TOGETHER = 0.7
SURE_ALONE = {"yunet": 0.8, "centerface": 0.6}
"""Scores above which a face is taken as seen: of the better of two detectors, or of one alone, upright."""

CLOSE_UP_SIDE = 256
CLOSE_UP_FACE = 64
"""A doubtful face is looked at again at this size in px: 64 told faces from hands better than 40, 96 or 144."""

EVIDENCE_FINE = 0.2
EVIDENCE_BROAD_BEFORE = 0.4
EVIDENCE = ((32, 0.40), (48, 0.35), (100_000, 0.30))
EVIDENCE_SURE = 0.6
"""Evidence of a second look: CenterFace's score there, plus parts of YuNet's there and of CenterFace's first.

`EVIDENCE`: faces lower than that many px need that much, or they were none: small patterns look like faces
more often. Below `EVIDENCE_SURE` a face is weakly detected (0003).
"""

FULL_SIZE_TILE = 800
TILE_OVERLAP = 128
"""Tiles bound the memory, and keep all cores at work. A face up to the overlap is whole in some tile; larger ones show
on the reduced picture."""

BROAD_AT_ONCE = 2
KEPT_PIXELS = 1_000_000
"""How many tiles CenterFace looks at at a time (85 MB each), and up to which size a network is kept for the next
picture (one of YuNet's takes 65 MB a megapixel): with more, 24 megapixels take over 1.2 GB (0003)."""

# --- Encoding --------------------------------------------------------------------------------------

TEMPLATE_HEIGHT = 16
"""No template is made of a smaller face: nothing of it could be verified (0003)."""

PREDICTOR_TILT = 15.0
"""Degrees of tilt up to which dlib's landmark predictor is used as it is; beyond, the face is turned upright first."""

FARTHER = 1.08
"""By how much farther away SFace's second view of a face is. With it the same and different people of LFW lie further
apart (0006); one from nearer by as much made it worse."""

DLIB_SQUARE_SIDE = 2.5
DLIB_SQUARE_DOWN = 0.5
"""dlib's face square from five landmarks: its side in eye (or eye to mouth) distances, its centre down the face.
On LFW dlib's own are 2.46 to 2.93 (median 2.68) and 0.50. Changing either makes every gallery and threshold stale."""

# --- Judging ---------------------------------------------------------------------------------------

IDENTIFIABLE_HEIGHT = 32
"""Smaller faces are unclear: encoders made for 112 px lose them (row 2 of docs/how-it-decides.md)."""

SHARPNESS = 0.022
TURNED_AWAY = 0.55
DARK = 15.0
BRIGHT = 200.0
"""Measured on the demo portraits and LFW, spoilt step by step until SFace no longer knew them (0003)."""

# --- Faint pictures -------------------------------------------------------------------------------

FAINT_PICTURE = 25.0
"""A picture whose levels (0 to 255, all but the outer half percents) span less than this is looked at stretched as
well: at a fiftieth of its light the demo pupils' faces are not found, at a twentieth they are, and an editor's one
click brings both back."""

# --- Previews --------------------------------------------------------------------------------------

PREVIEW_DIFFERENCE = 25.0
"""Grey levels, the mean of any 4 × 4 of preview and picture at 48 × 48. Previews made as cameras do stay below 15;
2 % cut off each side gives 31 and more, a face painted over 50 and more but for plain, dark places (0003)."""

PREVIEW_LIKENESS = 0.9
"""The correlation from which a face in a preview shows what the picture shows there, though no face was found in it."""

# --- Clips -----------------------------------------------------------------------------------------

CLIP_SECONDS = 140
"""Longer clips are refused, never sampled more thinly: X takes 140 seconds, and a look takes minutes."""

CLIP_MEGAPIXELS = 9
CLIP_BYTES = 512_000_000
"""4K is 8.3 megapixels; X takes 512 MB."""

SAMPLE_SECONDS = 0.2
"""A face on screen for half a second is then looked at twice at least."""

SCENE_CHANGE = 12.0
STILL = 3.0
"""Levels of colour at 160 × 90: the mean difference at which a frame is looked at before its time, and the largest
difference in any place up to which a frame still is the one looked at before."""

STANDS_SECONDS = 0.5
"""What stands still so long is no passing sight: its words are read, and a weak face in it is told of."""

WORDS_SECONDS = 0.8
"""Where the clip moves, words are read at the first look after so long, which comes SAMPLE_SECONDS later at the latest.
Together: whatever words are on screen for a second are read."""

CLIP_STRETCH = 2.5
"""How much wider or narrower than its pixels a clip may be shown; 16 by 9 on half as many columns makes 2.2."""

CLIP_END_SECONDS = 0.5
"""A clip that stops this much, and one frame, before its stated end was cut short."""

TRACK_SECONDS = 0.7
TRACK_OVERLAP = 0.3
TRACK_NEAR = 1.5
TRACK_LIKENESS = {"sface": 0.8, "dlib": 0.98}
TRACK_BEST_LIKENESS = {"sface": 0.65, "dlib": 0.98}
"""A face is the one seen up to so long ago if their boxes overlap by this and the cosine of their templates reaches
this, with the last sight and with the best, which may be turned another way. A face that moved further, by so many
heights at most, must be as near to the best as to the last. Of 852 pairs of looks at two demo pupils SFace's nearest
have 0.66, dlib's 0.96; looks at one are mostly over 0.9 and 0.98 (0003). One child taken for another would be a face
unseen: rather ask twice about one."""


FIGURE_LIKENESS = 0.6
FIGURE_LOST_SECONDS = 1.0
FIGURE_WAY = 3.0
FIGURE_GROWS = 2.0
"""From which cosine (SFace) sights of one clip are told of as one person; a blurred one as well if it comes so soon
after the other was lost, within so many heights of a face, at most so much larger or smaller. Only what is told is put
together (0003)."""
