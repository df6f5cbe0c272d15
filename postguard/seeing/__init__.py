"""A file becomes facts. The only room that imports cv2, dlib, face_recognition or an OCR engine."""
