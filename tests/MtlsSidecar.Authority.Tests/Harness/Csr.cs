using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Harness;

/// <summary>Requests made by openssl, as base64 in a file: what a client without any of our code sends.</summary>
public sealed record Csr(string RequestFile, string KeyFile)
{
    public static async Task<Csr> CreateAsync(AuthorityProgram program, string name = "request", params IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string> key = arguments.Contains("-newkey") ? [] : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        var (der, keyFile) = (program[name + ".der"], program[name + ".key"]);
        var result = await OpenSsl.RunAsync(["req", "-new", "-nodes", "-subj", "/CN=whatever", "-keyout", keyFile, "-outform", "DER", "-out", der, .. key, .. arguments]);
        result.ExitCode.Should().Be(0, result.ToString());
        return new Csr(program.Write(name + ".b64", Convert.ToBase64String(await File.ReadAllBytesAsync(der), Base64FormattingOptions.InsertLineBreaks)), keyFile);
    }

    /// <summary>Turns EST's answer into a PEM file with openssl.</summary>
    public static async Task<string> SaveAsync(AuthorityProgram program, string answer, string name)
    {
        var der = program.Write(name + ".p7", Convert.FromBase64String(answer.ReplaceLineEndings("")));
        var pem = program[name];
        var result = await OpenSsl.RunAsync("pkcs7", "-inform", "DER", "-in", der, "-print_certs", "-out", pem);
        result.ExitCode.Should().Be(0, result.ToString());
        return pem;
    }
}
