"""Write the SavedModels that convert.sh turns into graph models."""

import models


def main() -> None:
    for build in (models.pose, models.palm, models.lips):
        model = build()
        model.export(f"exported/{model.name}")
    models.gesture().save("exported/gesture.keras")


if __name__ == "__main__":
    main()
