namespace MtlsSidecar.Authority.Storage.Sqlite;

/// <summary>What CRL is wanted.</summary>
internal readonly record struct CrlPlanRequest(string Issuer, bool IsScheduled, TimeSpan Validity);
