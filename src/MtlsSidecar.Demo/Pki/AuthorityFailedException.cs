namespace MtlsSidecar.Demo.Pki;

/// <summary>The authority did not do what the demo can't go on without.</summary>
internal sealed class AuthorityFailedException(string what, string output) : Exception($"mtls-authority {what}. It said:\n{output}");
