using System.Text.Json.Serialization;

namespace MtlsSidecar.Authority.Validation;

/// <summary>The validation endpoint's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ValidationAnswer))]
internal sealed partial class ValidationJson : JsonSerializerContext;
