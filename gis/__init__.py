"""The domain: models, rules and queries; it knows neither Flask nor Folium."""
